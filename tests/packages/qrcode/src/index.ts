import QRCode from 'qrcode';

export default {
  async fetch(request: Request) {
    const text = new URL(request.url).searchParams.get('text') ?? '';
    const { modules, version } = QRCode.create(text, { errorCorrectionLevel: 'M' });
    const svg = await QRCode.toString(text, { type: 'svg', margin: 1 });
    return Response.json({ version, size: modules.size, rows: [...modules.data].join(''), svg });
  },
};
