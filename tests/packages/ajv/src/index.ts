import validate from '../dist/validate.js';

interface Fault {
  instancePath: string;
  keyword: string;
}

export default {
  async fetch(request: Request) {
    if (validate(await request.json())) return Response.json([]);
    const faults = validate.errors as Fault[];
    return Response.json(faults.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`));
  },
};
