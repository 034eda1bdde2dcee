/** Bottleneck without its clustering, which the package declares no types for. */
declare module "bottleneck/light.js" {
  import Bottleneck from "bottleneck";
  export default Bottleneck;
}
