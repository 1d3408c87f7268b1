"""What a survey of a file says to people."""

from millprint.history.shipment import Survey


def survey_text(told: Survey) -> str:
    """A survey in sentences."""
    lines = []
    if told.first is not None and told.last is not None:
        period = f"{told.first:%Y-%m-%d %H:%M} to {told.last:%Y-%m-%d %H:%M} UTC"
        lines.append(f"{told.rows} readings from {period}: {told.new} are new.")
    else:
        lines.append("The file holds no reading.")
    if told.present:
        lines.append(f"{told.present} are in the journal already.")
    if told.differing:
        lines.append(
            f"{told.differing} differ from what the journal has at their instant; "
            "they would be kept aside and change nothing."
        )
    lines += [f"line {one.line} is passed over: {one.why}   {one.text}" for one in told.bad]
    if told.bad_count > len(told.bad):
        lines.append(f"… and {told.bad_count - len(told.bad)} more lines.")
    return "\n".join(lines)
