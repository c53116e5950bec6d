// Workers run no code from strings: the validator is made before the deployment.
import { mkdirSync, writeFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';

const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true } });
const validate = ajv.compile({
  type: 'object',
  required: ['name', 'ports'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 2, pattern: '^\\p{Lu}' },
    ports: {
      type: 'array',
      uniqueItems: true,
      prefixItems: [{ const: 'Lisboa' }],
      items: { type: 'string' },
      minItems: 1,
    },
    crew: { type: 'integer', maximum: 200 },
  },
  dependentSchemas: { crew: { properties: { ports: { minItems: 2 } } } },
});
mkdirSync('dist', { recursive: true });
writeFileSync('dist/validate.js', standaloneCode(ajv, validate));
