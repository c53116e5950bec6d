import Decimal from 'decimal.js';

export default {
  async fetch(request: Request) {
    const prices = (await request.json()) as string[];
    const total = prices.reduce((sum, price) => sum.plus(price), new Decimal(0));
    const Long = Decimal.clone({ precision: 50 });
    return Response.json({
      total,
      tax: total.times('0.23').toDecimalPlaces(2, Decimal.ROUND_HALF_UP).toFixed(2),
      pi: Long.acos(-1),
      root: new Long(2).sqrt().toFixed(40),
      power: new Long(2).pow(100).toFixed(),
      hex: new Decimal('255.5').toHexadecimal(),
      fraction: new Decimal('0.15625').toFraction(),
    });
  },
};
