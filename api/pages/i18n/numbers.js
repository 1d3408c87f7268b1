// Figures for people. The server's decimal strings are shown, never reckoned with: Number() here
// decides only how many digits an overview shows and how long a bar is.

import { language } from "./words.js";

const formats = new Map();

function formatWith(decimals) {
  const id = `${language()} ${decimals}`;
  if (!formats.has(id)) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    formats.set(id, new Intl.NumberFormat(language() === "zh" ? "zh-CN" : "en", digits));
  }
  return formats.get(id);
}

/** As figures(), without zeros that the server did not write: 27.8, not 27.80. */
export function amount(decimal) {
  const number = measure(decimal);
  if (number === null || number === 0) return figures(decimal);
  const written = (/\.(\d*?)0*$/.exec(String(decimal)) || ["", ""])[1].length;
  return formatWith(Math.min(written, decimalsFor(number, 4))).format(number);
}

function decimalsFor(number, significant) {
  const magnitude = Math.floor(Math.log10(Math.abs(number)));
  return Math.min(9, Math.max(0, significant - 1 - magnitude));
}

/** `value` with `significant` figures, whole thousands kept whole: 1,312 · 312.4 · 2.743; never
 *  more than `most` decimals, where what is small says nothing. */
export function figures(value, significant = 4, most = 9) {
  const number = measure(value);
  if (number === null) return "–";
  if (number === 0) return "0";
  return formatWith(Math.min(most, decimalsFor(number, significant))).format(number);
}

/** Money, with cents where it is little: ¥8.70, ¥1,204. */
export function money(value, currency) {
  const number = measure(value);
  if (number === null) return "–";
  const digits = Math.abs(number) < 100 ? 2 : 0;
  const id = `${language()} ${currency} ${digits}`;
  if (!formats.has(id)) {
    formats.set(id, new Intl.NumberFormat(language() === "zh" ? "zh-CN" : "en",
      { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  return formats.get(id).format(number);
}

/** A share such as "0.9700" as 97 %; a small rest is never rounded away to 0 or up to 100. */
export function percent(share) {
  const number = measure(share);
  if (number === null) return "–";
  const hundredths = number * 100;
  if (hundredths > 0 && hundredths < 0.1) return "<0.1 %";
  if (hundredths < 100 && hundredths > 99.9) return ">99.9 %";
  const whole = Math.abs(hundredths - Math.round(hundredths)) < 0.05;
  return `${formatWith(whole ? 0 : 1).format(hundredths)} %`;
}

/** A number to draw with, or null. */
export function measure(value) {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function isZero(decimal) {
  return /^[-+]?0*\.?0*$/.test(String(decimal));
}

/** Sum of decimal strings, exact: whole numbers of the smallest digit, no floats. */
export function total(decimals) {
  const places = Math.max(0, ...decimals.map((d) => (d.split(".")[1] || "").length));
  let sum = 0n;
  for (const decimal of decimals) {
    if (!/^-?\d+(\.\d+)?$/.test(decimal)) return null;
    const [whole, part = ""] = decimal.split(".");
    sum += BigInt(whole + part.padEnd(places, "0"));
  }
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, "0");
  const cut = digits.length - places;
  const text = places ? `${digits.slice(0, cut)}.${digits.slice(cut)}` : digits;
  return sum < 0n ? `-${text}` : text;
}

const UNITS = new Map([
  ["m3", "m³"], ["m3_0c", "m³ (0 °C)"], ["m3_20c", "m³ (20 °C)"], ["m3/h", "m³/h"],
  ["m3_0c/h", "m³/h (0 °C)"], ["m3_20c/h", "m³/h (20 °C)"], ["degC", "°C"], ["c", "°C"],
]);

/** A unit as printed: m3_0c → m³ (0 °C), kgCO2e/kWh → kgCO₂e/kWh. */
export function unit(id) {
  if (!id) return "";
  return UNITS.get(id) || String(id).replace(/CO2/g, "CO₂").replace("Nm3", "Nm³");
}
