// Workers run no code from strings: templates are compiled before the deployment.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import handlebars from 'handlebars';

const spec = handlebars.precompile(readFileSync('src/log.hbs', 'utf8'), {
  knownHelpersOnly: false,
});
mkdirSync('dist', { recursive: true });
writeFileSync('dist/log.js', `export default ${spec};\n`);
