import { derivative, evaluate, format, inv, multiply, simplify } from 'mathjs';

export default {
  async fetch(request: Request) {
    const expressions = (await request.json()) as string[];
    const results = expressions.map((expression) => {
      try {
        return format(evaluate(expression, { wind: 12 }), { precision: 10 });
      } catch (error) {
        return `${error}`;
      }
    });
    const m = [
      [2, 1],
      [1, 1],
    ];
    return Response.json({
      results,
      derived: derivative('x^3 + 2x', 'x').toString(),
      simple: simplify('2x + 3x - y + y').toString(),
      identity: multiply(m, inv(m)),
    });
  },
};
