import render from '../dist/app.js';

export default {
  async fetch(request) {
    const props = await request.json();
    const { head, body } = await render(props);
    return Response.json({ head, body });
  },
};
