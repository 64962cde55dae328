// How long the judge still has to go, in the words of the overview page (studyapp/core/pace.py).

/** "about 25 min left" for so many images at `pace` seconds each; "" when nothing can or need be said. */
export function timeLeft(pace, images) {
  if (!pace || images < 1) return "";
  const minutes = (pace * images) / 60;
  const step = minutes < 10 ? 1 : 5;
  const whole = Math.max(1, step * Math.floor(minutes / step + 0.5));
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  const parts = [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean);
  return `about ${parts.join(" ")} left`;
}
