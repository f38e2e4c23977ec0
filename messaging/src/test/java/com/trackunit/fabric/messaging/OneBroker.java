// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One broker for all tests that do it no harm, started by the first of them, and an open messaging
 * for each test.
 */
final class OneBroker implements BeforeEachCallback, AfterEachCallback {
  private @Nullable RabbitMqNode node;
  private @Nullable RabbitMessaging rabbit;

  @Override
  public void beforeEach(ExtensionContext context) {
    // The root store closes what it holds when the last test is over.
    node =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.GLOBAL)
            .computeIfAbsent("one broker", key -> RabbitMqNode.start(), RabbitMqNode.class);
    rabbit = Fixtures.open(node);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    rabbit().close();
  }

  RabbitMqNode node() {
    if (node == null) {
      throw new IllegalStateException("only within a test");
    }
    return node;
  }

  RabbitMessaging rabbit() {
    if (rabbit == null) {
      throw new IllegalStateException("only within a test");
    }
    return rabbit;
  }
}
