// What the server offers to a model: tools to keep and find notes, each note as a resource,
// and a prompt.
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

export function makeServer(notes: KVNamespace): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });

  server.registerTool(
    'remember',
    {
      description: 'Keep a note under a name',
      inputSchema: { name: z.string().min(1).max(100), text: z.string().max(10_000) },
    },
    async ({ name, text }) => {
      await notes.put(name, text);
      return { content: [{ type: 'text', text: `kept as ${name}` }] };
    },
  );

  server.registerTool(
    'find',
    {
      description: 'Names of the notes that begin so',
      inputSchema: { beginning: z.string() },
      outputSchema: { names: z.array(z.string()) },
    },
    async ({ beginning }) => {
      const { keys } = await notes.list({ prefix: beginning });
      const structuredContent = { names: keys.map(({ name }) => name) };
      const text = JSON.stringify(structuredContent);
      return { content: [{ type: 'text', text }], structuredContent };
    },
  );

  server.registerResource(
    'note',
    new ResourceTemplate('note://{name}', { list: undefined }),
    { title: 'A note', mimeType: 'text/plain' },
    async (uri, { name }) => {
      const text = await notes.get(decodeURIComponent(`${name}`));
      if (text === null) throw new Error(`there is no note ${name}`);
      return { contents: [{ uri: uri.href, text }] };
    },
  );

  server.registerPrompt(
    'summary',
    { description: 'Sums up a note', argsSchema: { name: z.string() } },
    async ({ name }) => ({
      messages: [
        {
          role: 'user',
          content: { type: 'text', text: `Sum up in one sentence:\n${await notes.get(name)}` },
        },
      ],
    }),
  );

  return server;
}
