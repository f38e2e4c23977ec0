// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@SuppressWarnings("JavaUtilDate") // the type that amqp-client has for timestamps
class WireLimitsTest {
  private static final int FRAME_MAX = 4096;

  @Test
  void whatPassesAlsoPassesAmqpClientsEncoderAndItsFrameLimit() {
    long base = new Random().nextLong();
    int passed = 0;
    for (long seed = base; seed < base + 3000; seed++) {
      AMQP.BasicProperties properties = properties(new Random(seed));
      if (isAccepted(properties)) {
        passed++;
        assertThat(encodedSize(properties)).as("seed %d", seed).isBetween(0, FRAME_MAX);
      }
    }
    assertThat(passed).as("seeds from %d", base).isBetween(500, 2900);
  }

  @Test
  void nearTheFrameLimitAtMostTheSpareBytesAreRefusedInVain() {
    for (int length = FRAME_MAX - 120; length < FRAME_MAX; length++) {
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder().headers(Map.of("h", "x".repeat(length))).build();
      int size = encodedSize(properties);
      if (isAccepted(properties)) {
        assertThat(size).isLessThanOrEqualTo(FRAME_MAX);
      } else {
        assertThat(size).isGreaterThan(FRAME_MAX - 20);
      }
    }
  }

  @Test
  void lengthsInUtf8AreThoseOfTheEncoder() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(12); c > 0; c--) {
        text.append((char) random.nextInt(0x10000)); // unpaired surrogates among them
      }
      String made = text.toString();
      assertThat(WireLimits.utf8Length(made))
          .isEqualTo(made.getBytes(StandardCharsets.UTF_8).length);
    }
  }

  @Test
  void aTableThatHoldsItselfIsRefused() {
    Map<String, Object> loop = new HashMap<>();
    loop.put("self", loop);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check(new AMQP.BasicProperties.Builder().headers(loop).build()))
        .withMessageContaining("holds itself");
  }

  @Test
  void theMessageNamesTheHeaderAndTheType() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                check(
                    new AMQP.BasicProperties.Builder()
                        .headers(Map.of("x-when", java.time.Instant.EPOCH))
                        .build()))
        .withMessageContaining("x-when")
        .withMessageContaining("java.time.Instant");
  }

  @Test
  void noFrameLimitMeansNoBound() {
    AMQP.BasicProperties large =
        new AMQP.BasicProperties.Builder().headers(Map.of("h", "x".repeat(1_000_000))).build();
    assertThatCode(() -> WireLimits.check("", "", large, 0)).doesNotThrowAnyException();
  }

  private static void check(AMQP.BasicProperties properties) {
    WireLimits.check("exchange", "key", properties, FRAME_MAX);
  }

  private static boolean isAccepted(AMQP.BasicProperties properties) {
    try {
      check(properties);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The size of the header frame, or -1 if amqp-client cannot encode it. */
  private static int encodedSize(AMQP.BasicProperties properties) {
    try {
      Frame frame = properties.toFrame(1, 0);
      return frame.size();
    } catch (IOException | IllegalArgumentException e) {
      return -1;
    }
  }

  private static AMQP.BasicProperties properties(Random random) {
    AMQP.BasicProperties.Builder builder =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(2)
            .messageId("i".repeat(random.nextInt(20) == 0 ? 256 : random.nextInt(255)));
    if (random.nextBoolean()) {
      builder.contentType("ü".repeat(random.nextInt(130))).timestamp(new Date()).priority(3);
    }
    return builder.headers(table(random, 0)).build();
  }

  private static Map<String, Object> table(Random random, int depth) {
    Map<String, Object> table = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      table.put(
          "k".repeat(1 + random.nextInt(random.nextInt(30) == 0 ? 300 : 40)), value(random, depth));
    }
    return table;
  }

  private static @Nullable Object value(Random random, int depth) {
    return switch (random.nextInt(depth < 3 ? 18 : 14)) {
      case 0 -> null;
      case 1 -> random.nextInt();
      case 2 -> random.nextLong();
      case 3 -> (short) random.nextInt();
      case 4 -> (byte) random.nextInt();
      case 5 -> random.nextBoolean();
      case 6 -> random.nextDouble();
      case 7 -> random.nextFloat();
      case 8 -> new Date();
      case 9 -> new byte[random.nextInt(600)];
      case 10 -> LongStringHelper.asLongString("l".repeat(random.nextInt(600)));
      case 11 -> BigDecimal.valueOf(random.nextInt(), random.nextInt(300));
      case 12 -> random.nextInt(8) == 0 ? new Object() : "plain";
      case 13 -> "tä".repeat(random.nextInt(400));
      case 14 -> table(random, depth + 1);
      case 15 -> new Object[] {value(random, depth + 1), "x"};
      default -> list(random, depth + 1);
    };
  }

  private static List<@Nullable Object> list(Random random, int depth) {
    List<@Nullable Object> items = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      items.add(value(random, depth));
    }
    return items;
  }
}
