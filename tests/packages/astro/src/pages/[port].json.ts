import type { APIRoute } from 'astro';

export const GET: APIRoute = ({ params, request }) =>
  Response.json({ port: params.port, agent: request.headers.get('user-agent') });
