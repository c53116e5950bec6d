import Anthropic from '@anthropic-ai/sdk';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(request: Request, env: Env) {
    const client = new Anthropic({ apiKey: 'sk-ant', baseURL: env.ORIGIN, maxRetries: 1 });
    const { pathname } = new URL(request.url);
    const ask = {
      model: 'claude-x',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: await request.text() }],
    };
    if (pathname === '/stream') {
      const stream = client.messages.stream(ask);
      const heard: string[] = [];
      stream.on('text', (text) => void heard.push(text));
      const { content, usage, stop_reason } = await stream.finalMessage();
      return Response.json({ heard, content, usage, stop_reason });
    }
    try {
      const { content, usage } = await client.messages.create(ask);
      return Response.json({ content, usage });
    } catch (error) {
      if (!(error instanceof Anthropic.APIError)) throw error;
      return Response.json({ type: error.constructor.name, status: error.status }, { status: 502 });
    }
  },
};
