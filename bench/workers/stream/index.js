// Gives the request's body back: as it is, or through a transform in JS.
export default {
  fetch(request) {
    const body = request.url.endsWith('/transform')
      ? request.body.pipeThrough(new TransformStream())
      : request.body;
    return new Response(body);
  },
};
