import {
  addBusinessDays,
  differenceInCalendarDays,
  eachWeekendOfInterval,
  format,
  formatDistance,
  getISOWeek,
  intervalToDuration,
  isValid,
  parse,
  parseISO,
} from 'date-fns';
import { pt } from 'date-fns/locale';

export default {
  fetch() {
    const sailed = parseISO('1497-07-08T12:30:00');
    const arrived = new Date(1498, 4, 20);
    return Response.json({
      formatted: format(sailed, "EEEE, do MMMM yyyy 'at' HH:mm"),
      portuguese: format(arrived, "d 'de' MMMM 'de' yyyy", { locale: pt }),
      days: differenceInCalendarDays(arrived, sailed),
      distance: formatDistance(sailed, arrived, { addSuffix: true }),
      duration: intervalToDuration({ start: sailed, end: arrived }),
      business: format(addBusinessDays(new Date(2026, 10, 27), 3), 'yyyy-MM-dd'),
      weekends: eachWeekendOfInterval({ start: new Date(2026, 1, 1), end: new Date(2026, 1, 28) })
        .length,
      week: getISOWeek(new Date(2027, 0, 1)),
      parsed: parse('31/12/1999', 'dd/MM/yyyy', new Date()).toISOString(),
      invalid: isValid(parse('31/02/1999', 'dd/MM/yyyy', new Date())),
    });
  },
};
