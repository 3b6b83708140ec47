// The visible texts whose contrast with what lies behind them is below 4.5 to 1 (3 to 1 where they are large), by WCAG 2.2;
// but for controls that are disabled.
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parsed = new Map();
  const parse = (color) => {
    if (!parsed.has(color)) parsed.set(color, read(color));
    return parsed.get(color);
  };
  const read = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, under) => [...[0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])), 1];
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(parse(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1 || at.tagName === "DIALOG") break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const opacity = (element) => {
    let product = 1;
    for (let at = element; at; at = at.parentElement) product *= Number(getComputedStyle(at).opacity);
    return product;
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faults = [];
  const fields = document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select");
  const texts = [...fields].map((field) => [field, field.value]);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!/^(SCRIPT|STYLE|TEXTAREA|OPTION)$/.test(node.parentElement.tagName)) texts.push([node.parentElement, node.data]);
  }
  const dialog = document.querySelector("dialog[open]") ? "dialog *, dialog" : "*";
  for (const [element, text] of texts) {
    if (!text.trim() || !element.checkVisibility({ visibilityProperty: true }) || !element.matches(dialog)) continue;
    if (element.closest(":disabled, [aria-disabled=true], [inert]")) continue;
    const style = getComputedStyle(element);
    const under = behind(element);
    const [red, green, blue, alpha] = parse(style.color);
    const [one, two] = [luminance(over([red, green, blue, alpha * opacity(element)], under)), luminance(under)];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)} ${element.className || element.tagName}: ${text.trim().slice(0, 40)}`);
  }
  return faults;
}
