export default {
  fetch(request: Request): Response {
    const name = new URL(request.url).searchParams.get('name') ?? 'World';
    return new Response(`Hello ${name}!\n`);
  },
};
