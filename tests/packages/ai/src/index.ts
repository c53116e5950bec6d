import { simulateReadableStream, stepCountIs, streamText, tool } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import { z } from 'zod';

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, text: 2, reasoning: 0 },
};
const finish = (unified: 'stop' | 'tool-calls') => ({
  type: 'finish' as const,
  finishReason: { unified, raw: unified },
  usage,
});

/** A model that asks for the tool first, then answers with what it gave. */
const model = new MockLanguageModelV3({
  doStream: async ({ prompt }) => {
    const last = prompt.at(-1);
    const chunks =
      last?.role === 'tool'
        ? [
            { type: 'text-start' as const, id: '1' },
            { type: 'text-delta' as const, id: '1', delta: 'It blows ' },
            {
              type: 'text-delta' as const,
              id: '1',
              delta: JSON.stringify(last.content[0]).includes('NW') ? 'NW' : '?',
            },
            { type: 'text-end' as const, id: '1' },
            finish('stop'),
          ]
        : [
            {
              type: 'tool-call' as const,
              toolCallId: 'c',
              toolName: 'wind',
              input: '{"port":"Goa"}',
            },
            finish('tool-calls'),
          ];
    return { stream: simulateReadableStream({ chunks, chunkDelayInMs: 1 }) };
  },
});

export default {
  async fetch(request: Request) {
    const result = streamText({
      model,
      prompt: 'How is the wind in Goa?',
      stopWhen: stepCountIs(3),
      tools: {
        wind: tool({
          inputSchema: z.object({ port: z.string() }),
          execute: async ({ port }) => ({ port, wind: 'NW' }),
        }),
      },
    });
    if (new URL(request.url).pathname === '/ui') return result.toUIMessageStreamResponse();
    return result.toTextStreamResponse();
  },
};
