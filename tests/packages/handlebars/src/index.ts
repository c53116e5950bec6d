import Handlebars from 'handlebars/runtime';
import log from '../dist/log.js';

Handlebars.registerHelper('inc', (value: number) => value + 1);
Handlebars.registerHelper('gt', (a: number, b: number) => a > b);
Handlebars.registerPartial(
  'day',
  ({ number, wind }: { number: number; wind: string }) =>
    `day ${number}: ${Handlebars.escapeExpression(wind)}`,
);
const template = Handlebars.template(log);

export default {
  async fetch(request: Request) {
    return new Response(template(await request.json()));
  },
};
