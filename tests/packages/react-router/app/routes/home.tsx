import { Suspense } from 'react';
import { Await, Form, Link, redirect } from 'react-router';
import type { Route } from './+types/home';

export const meta = () => [{ title: 'Ports' }];

export async function loader({ context }: Route.LoaderArgs) {
  const weather = new Promise<string>((resolve) => setTimeout(resolve, 10, 'fair & warm'));
  return { flag: context.env.FLAG, ports: ['Goa', 'Diu'], weather };
}

export async function action({ request }: Route.ActionArgs) {
  const form = await request.formData();
  return redirect(`/ports/${form.get('port')}`, { headers: { 'set-cookie': 'last=1' } });
}

export default function Home({ loaderData: { flag, ports, weather } }: Route.ComponentProps) {
  return (
    <main>
      <h1>{flag}</h1>
      {ports.map((port) => (
        <Link key={port} to={`/ports/${port}`}>
          {port}
        </Link>
      ))}
      <Suspense fallback={<p>asking the sky</p>}>
        <Await resolve={weather}>{(text) => <p id="weather">{text}</p>}</Await>
      </Suspense>
      <Form method="post">
        <input name="port" />
      </Form>
    </main>
  );
}
