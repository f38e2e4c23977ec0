// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.testkit.brokers.Ledger;
import com.trackunit.fabric.testkit.brokers.NoLeaks;
import com.trackunit.fabric.testkit.brokers.chaos.SightingFile.Reader;
import com.trackunit.fabric.testkit.brokers.chaos.SightingFile.Writer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class SightingFileTest {
  @Test
  void severalWritersSeeInOneOrder(@TempDir Path folder) {
    Path file = folder.resolve("seen");
    Ledger ledger = new Ledger();
    try (Writer one = new Writer(file);
        Writer other = new Writer(file);
        Reader reader = new Reader(file, ledger)) {
      assertThat(reader).isNotNull();
      for (long i = 0; i < 1000; i++) {
        ledger.sent("ä-" + i, "k", i);
        ledger.outcome("ä-" + i, Ledger.Outcome.CONFIRMED);
        (i % 2 == 0 ? one : other).seen("ä-" + i, "k", i);
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> ledger.seenCount() == 1000);
    }
    assertThat(ledger.verdict().isExactlyOnceInOrder()).isTrue();
  }
}
