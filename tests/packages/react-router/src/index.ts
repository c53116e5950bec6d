import { createRequestHandler } from 'react-router';
import * as build from '../dist/server/index.js';

const handle = createRequestHandler(build, 'production');

export default {
  fetch: (request: Request, env: { FLAG: string }, ctx: ExecutionContext) =>
    handle(request, { env, ctx }),
};
