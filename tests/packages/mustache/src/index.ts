import Mustache from 'mustache';

export default {
  async fetch(request: Request) {
    const { template, view, partials } = (await request.json()) as {
      template: string;
      view: Record<string, unknown>;
      partials?: Record<string, string>;
    };
    const withLambda = {
      ...view,
      loud: () => (text: string, render: (text: string) => string) => render(text).toUpperCase(),
    };
    try {
      return new Response(Mustache.render(template, withLambda, partials));
    } catch (error) {
      return new Response((error as Error).message, { status: 400 });
    }
  },
};
