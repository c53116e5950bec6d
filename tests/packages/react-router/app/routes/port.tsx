import { data } from 'react-router';
import type { Route } from './+types/port';

export function loader({ params }: Route.LoaderArgs) {
  if (params.name === 'reef') throw data('aground', { status: 418 });
  return { name: params.name };
}

export const headers = () => ({ 'cache-control': 'max-age=9' });

export default function Port({ loaderData }: Route.ComponentProps) {
  return <h1>Port of {loaderData.name}</h1>;
}
