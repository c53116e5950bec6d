import { customAlphabet, customRandom, nanoid, urlAlphabet } from 'nanoid';

export default {
  fetch(request: Request) {
    const count = Number(new URL(request.url).searchParams.get('count') ?? 1);
    const code = customAlphabet('ABCDEFGH', 5);
    const counting = customRandom('abcdefghijklmnop', 4, (size) =>
      Uint8Array.from({ length: size }, (_, index) => index),
    );
    return Response.json({
      ids: Array.from({ length: count }, () => nanoid()),
      short: nanoid(8),
      code: code(),
      counted: counting(),
      alphabet: urlAlphabet.length,
    });
  },
};
