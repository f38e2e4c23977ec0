// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountFileTest {
  @Test
  void theLastCountsOfAllLivesAddUp(@TempDir Path folder) throws Exception {
    CountFile file = new CountFile(folder);
    file.write(Map.of("a.lost", 1L, "a.lost.not", 100L));
    file.write(Map.of("a.lost", 3L));
    Files.writeString(folder.resolve("1.counts"), "b\t9\na.lost\t4\n"); // of a life that is over
    assertThat(CountFile.sum(folder, "a.lost")).isEqualTo(7);
    assertThat(CountFile.sum(folder, "nothing")).isZero();
  }
}
