import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import '@langchain/core/context';
import { AIMessageChunk } from '@langchain/core/messages';
import { JsonOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda, RunnableParallel, RunnablePassthrough } from '@langchain/core/runnables';
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';

const texts = ['{"port": ', '"Goa", "d', 'ays": 9}'];
const model = new FakeStreamingChatModel({
  chunks: texts.map((content) => new AIMessageChunk(content)),
});

/** The names of what ran, with that of what ran it. */
class Names extends BaseCallbackHandler {
  name = 'names';
  readonly seen: string[] = [];
  readonly #names = new Map<string, string>();
  override handleChainStart(...[, , id, parent, , , , name]: never[]) {
    this.#names.set(id, name);
    this.seen.push(`${this.#names.get(parent) ?? 'nobody'} > ${name}`);
  }
}

const prompt = ChatPromptTemplate.fromMessages([
  ['system', 'Answer in {format}.'],
  ['human', 'Where to, {name}?'],
]);
const inner = RunnableLambda.from(async (text: string) => text.toUpperCase()).withConfig({
  runName: 'inner',
});
const outer = RunnableLambda.from(async (text: string) => {
  await scheduler.wait(1);
  // Finds who called it by AsyncLocalStorage.
  return inner.invoke(text);
}).withConfig({ runName: 'outer' });

export default {
  async fetch() {
    const chain = prompt.pipe(model).pipe(new JsonOutputParser());
    const parts: unknown[] = [];
    for await (const part of await chain.stream({ format: 'JSON', name: 'Ana' })) parts.push(part);
    const names = new Names();
    const loud = await outer.invoke('olá', { callbacks: [names] });
    const both = await RunnableParallel.from({
      same: new RunnablePassthrough<number>(),
      twice: (n: number) => n * 2,
    }).batch([1, 2], { maxConcurrency: 1 });
    const messages = (await prompt.invoke({ format: 'verse', name: 'Eva' })).toChatMessages();
    const retried = await RunnableLambda.from(
      (() => {
        let tries = 0;
        return () => {
          if (++tries < 2) throw new Error('gale');
          return tries;
        };
      })(),
    )
      .withRetry({ stopAfterAttempt: 3 })
      .invoke(0);
    return Response.json({
      parts,
      loud,
      seen: names.seen,
      both,
      messages: messages.map((message) => [message.type, message.content]),
      retried,
    });
  },
};
