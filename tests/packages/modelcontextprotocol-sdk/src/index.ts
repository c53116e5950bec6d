import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { z } from 'zod';

function makeServer() {
  const server = new McpServer({ name: 'harbour', version: '1.0.0' });
  server.registerTool(
    'distance',
    {
      description: 'Nautical miles between two ports',
      inputSchema: { from: z.string(), to: z.string() },
      outputSchema: { miles: z.number() },
    },
    async ({ from, to }) => {
      if (from === to) throw new Error('the same port');
      const structuredContent = { miles: from.length * 100 + to.length };
      return {
        content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
        structuredContent,
      };
    },
  );
  server.registerResource(
    'port',
    new ResourceTemplate('port://{name}', { list: undefined }),
    { title: 'A port' },
    async (uri, { name }) => ({ contents: [{ uri: uri.href, text: `about ${name}` }] }),
  );
  return server;
}

export default {
  async fetch(request: Request) {
    const json = new URL(request.url).searchParams.has('json');
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: json });
    await makeServer().connect(transport);
    return transport.handleRequest(request);
  },
};
