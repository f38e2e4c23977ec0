// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.contracts.RecognitionCompleted;
import java.util.HexFormat;
import java.util.List;

/** Recognises machines: the same photo is always the same machine, whatever it shows. */
final class MachineCatalogue {
  private static final RecognitionCompleted.Provider PROVIDER =
      new RecognitionCompleted.Provider(
          "fabric-stand-in", "v1", List.of("LABEL", "LOGO", "TEXT"), 10);
  private static final List<Machine> MACHINES =
      List.of(
          new Machine("Caterpillar", "excavator", "320 GC"),
          new Machine("Komatsu", "bulldozer", "D61PX-24"),
          new Machine("Volvo", "wheel loader", "L120H"),
          new Machine("JCB", "backhoe loader", "3CX"),
          new Machine("Manitou", "telehandler", "MT 1440"),
          new Machine("Genie", "scissor lift", "GS-1932"),
          new Machine("BOMAG", "tandem roller", "BW 120 AD-5"),
          new Machine("Liebherr", "mobile crane", "LTM 1050-3.1"));

  private MachineCatalogue() {}

  static RecognitionCompleted recognise(ImageUploaded image) {
    byte[] checksum = HexFormat.of().parseHex(image.checksum().substring("sha256:".length()));
    Machine machine = MACHINES.get((checksum[0] & 0xFF) % MACHINES.size());
    double confidence = 0.80 + (checksum[1] & 0xFF) % 20 / 100.0;
    return new RecognitionCompleted(
        PROVIDER,
        new RecognitionCompleted.Aggregate(
            machine.brand(),
            machine.type(),
            machine.model(),
            confidence,
            true,
            confidence,
            "LABEL",
            machine.brand() + " " + machine.model()));
  }

  private record Machine(String brand, String type, String model) {}
}
