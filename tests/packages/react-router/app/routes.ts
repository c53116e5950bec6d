import { index, type RouteConfig, route } from '@react-router/dev/routes';

export default [
  index('routes/home.tsx'),
  route('ports/:name', 'routes/port.tsx'),
  route('api/ships', 'routes/ships.ts'),
] satisfies RouteConfig;
