import got from 'got14';
import { answer, type Env } from '../../got/src/program.ts';

export default { fetch: (_request: Request, env: Env) => answer(got, env) };
