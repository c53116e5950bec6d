// An error as its author wants to read it: its stack, with positions in the sources.
import {
  StringPrototypeIndexOf,
  StringPrototypeRepeat,
  StringPrototypeReplaceAll,
  StringPrototypeStartsWith,
} from '../../primordials.ts';
import { stackText } from './stack.ts';

export function errorText(error: object, indent: number): string {
  const { stack, name, message } = error as { stack?: unknown; name?: unknown; message?: unknown };
  const head = message === '' ? `${name}` : `${name}: ${message}`;
  let text = typeof stack === 'string' && stack !== '' ? stackText(stack) : head;
  // A stack keeps the message that the error was made with.
  if (typeof stack === 'string' && stack !== '' && !StringPrototypeStartsWith(stack, `${name}`))
    text = `${head}\n${text}`;
  // One that was thrown nowhere.
  if (StringPrototypeIndexOf(text, '\n    at') < 0) text = `[${text}]`;
  return indent === 0
    ? text
    : StringPrototypeReplaceAll(text, '\n', `\n${StringPrototypeRepeat(' ', indent)}`);
}
