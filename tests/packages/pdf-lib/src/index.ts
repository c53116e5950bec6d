import { degrees, PDFDocument, rgb, StandardFonts } from 'pdf-lib';

export default {
  async fetch(request: Request) {
    if (request.method === 'POST') {
      const document = await PDFDocument.load(await request.arrayBuffer());
      const form = document.getForm();
      return Response.json({
        pages: document.getPages().map((page) => page.getSize()),
        title: document.getTitle(),
        captain: form.getTextField('captain').getText(),
        aboard: form.getCheckBox('aboard').isChecked(),
      });
    }
    const document = await PDFDocument.create();
    document.setTitle('Diário de bordo');
    const font = await document.embedFont(StandardFonts.TimesRoman);
    const page = document.addPage([300, 200]);
    page.drawText('Vasco da Gama', { x: 20, y: 150, size: 18, font, color: rgb(0, 0, 0.6) });
    page.drawRectangle({ x: 20, y: 20, width: 80, height: 40, rotate: degrees(5) });
    const form = document.getForm();
    const captain = form.createTextField('captain');
    captain.setText('Gama');
    captain.addToPage(page, { x: 150, y: 20, width: 100, height: 20 });
    const aboard = form.createCheckBox('aboard');
    aboard.addToPage(page, { x: 260, y: 20, width: 20, height: 20 });
    aboard.check();
    document.addPage();
    const width = font.widthOfTextAtSize('Vasco', 10).toFixed(2);
    return new Response(await document.save(), {
      headers: { 'content-type': 'application/pdf', 'x-width': width },
    });
  },
};
