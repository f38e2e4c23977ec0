// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.List;

/**
 * What RabbitMQ does with a published message, and what its channel hears of it, in this order;
 * {@link BrokerTracesTest} compares it with the real one.
 */
enum PublishFate {
  UNDECIDED,
  ACCEPTED,
  RETURNED,
  NACKED,
  KILLS_THE_CHANNEL;

  List<Happening> answers() {
    return switch (this) {
      case UNDECIDED -> List.of();
      case ACCEPTED -> List.of(Happening.CONFIRM);
      case RETURNED -> List.of(Happening.RETURN, Happening.CONFIRM);
      case NACKED -> List.of(Happening.NACK);
      case KILLS_THE_CHANNEL -> List.of(Happening.DEAD_CHANNEL);
    };
  }

  boolean isAcked() {
    return answers().contains(Happening.CONFIRM);
  }
}
