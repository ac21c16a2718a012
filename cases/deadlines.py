"""When a period of days ends."""

from datetime import date, timedelta

from cases.calendar import PERIOD_DAYS_MAX, Calendar, Due
from cases.catalogue import DayUnit


def add_period(start: date, days: int, unit: DayUnit, calendar: Calendar) -> Due:
    """The last day of a period that begins on ``start`` (a day in Shanghai), which is not counted.

    Periods of administrative licensing are in working days (行政许可法第八十二条). One in calendar
    days that would end on a day off ends on the next working day (民法典第二百零三条).
    """
    if unit is DayUnit.WORKING:
        return calendar.add_working_days(start, days)
    if not 0 <= days <= PERIOD_DAYS_MAX:
        raise ValueError(f"a period of {days} days is not in 0..{PERIOD_DAYS_MAX}")
    return calendar.next_working_day(start + timedelta(days=days))
