// An MCP server over streamable HTTP, at /mcp: without sessions, so that each request may
// come to another isolate.
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { makeServer } from './server.ts';

interface Env {
  readonly NOTES: KVNamespace;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname !== '/mcp')
      return new Response('the MCP server is at /mcp\n', { status: 404 });
    const transport = new WebStandardStreamableHTTPServerTransport();
    await makeServer(env.NOTES).connect(transport);
    return transport.handleRequest(request);
  },
};
