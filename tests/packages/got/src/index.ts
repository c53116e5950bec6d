import got from 'got';
import { answer, type Env } from './program.ts';

export default { fetch: (_request: Request, env: Env) => answer(got, env) };
