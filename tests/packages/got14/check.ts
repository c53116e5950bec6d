export { default, start } from '../got/check.ts';
