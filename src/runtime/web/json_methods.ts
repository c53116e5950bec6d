// JSON.parse(), which V8 carries out in one call that nothing ends, and that takes seconds
// for ten megabytes of brackets, or for four of names that it has not met. It reads short
// texts; lazy/long_json.ts has it read long ones a piece at a time.
import { JSONParse, ObjectDefineProperty } from './primordials.ts';

// Units that V8 reads in some 1.5 s at worst: objects of some dozens of names, none of
// which comes twice.
const shortJson = 2_097_152;

const methods = {
  // ECMAScript §25.5.1.
  parse(text: unknown, reviver: unknown): unknown {
    const json = typeof text === 'string' ? text : `${text}`;
    return json.length <= shortJson
      ? JSONParse(json, reviver as (this: unknown) => unknown)
      : lazy('long_json').parse(json, reviver);
  },
};

// The platform's own way to read what clients send.
export function parseJson(text: string): unknown {
  return methods.parse(text, undefined);
}

export function installJsonMethods(): void {
  ObjectDefineProperty(JSON, 'parse', { value: methods.parse });
}
