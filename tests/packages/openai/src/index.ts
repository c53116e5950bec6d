import OpenAI, { APIError, toFile } from 'openai';

interface Env {
  ORIGIN: string;
}

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { port: { type: 'string' } } },
  },
};

export default {
  async fetch(request: Request, env: Env) {
    const { pathname, searchParams } = new URL(request.url);
    const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${env.ORIGIN}/v1`, maxRetries: 2 });
    const ask = {
      model: 'gpt-5',
      messages: [{ role: 'user' as const, content: `${searchParams.get('q')}` }],
    };
    if (pathname === '/stream') {
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const text = new TextEncoder();
      (async () => {
        for await (const { choices } of stream) {
          await writer.write(text.encode(choices[0]?.delta.content ?? ''));
        }
        await writer.close();
      })();
      return new Response(readable);
    }
    if (pathname === '/upload') {
      const file = await toFile(new TextEncoder().encode('{"a":1}\n'), 'train.jsonl');
      return Response.json(await client.files.create({ file, purpose: 'fine-tune' }));
    }
    try {
      const completion = await client.chat.completions.create({ ...ask, tools: [weather] });
      const [call] = completion.choices[0]?.message.tool_calls ?? [];
      return Response.json({
        call: call?.type === 'function' && JSON.parse(call.function.arguments),
        usage: completion.usage?.total_tokens,
        id: completion._request_id,
      });
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      return Response.json({
        name: error.constructor.name,
        status: error.status,
        message: error.message,
      });
    }
  },
};
