import { NIL, parse, stringify, v1, v3, v4, v5, v7, validate, version } from 'uuid';

export default {
  fetch() {
    const sorted = Array.from({ length: 50 }, () => v7());
    return Response.json({
      v1: version(v1()),
      v3: v3('www.example.com', v3.DNS),
      v4: Array.from({ length: 100 }, () => v4()),
      v5: v5('www.example.com', v5.DNS),
      v7: sorted,
      inOrder: sorted.every((id, index) => index === 0 || sorted[index - 1] < id),
      round: stringify(parse('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b')),
      valid: [validate(NIL), validate('not one')],
    });
  },
};
