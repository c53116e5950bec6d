import { Liquid } from 'liquidjs';

const engine = new Liquid({
  templates: {
    layout: '<main>{% block body %}none{% endblock %}</main>',
    port: '{{ port.name | upcase }}{% unless forloop.last %}, {% endunless %}',
  },
  outputEscape: 'escape',
});
engine.registerFilter('knots', (value: number) => `${(value * 1.943844).toFixed(1)} kn`);
engine.registerFilter('later', async (value: string) => {
  await scheduler.wait(1);
  return `${value}!`;
});

export default {
  async fetch(request: Request) {
    const { template, view } = (await request.json()) as { template: string; view: object };
    try {
      return new Response(await engine.parseAndRender(template, view));
    } catch (error) {
      return new Response((error as Error).message, { status: 400 });
    }
  },
};
