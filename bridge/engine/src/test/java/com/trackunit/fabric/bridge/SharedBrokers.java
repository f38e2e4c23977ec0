// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives {@link Brokers} to the tests that let them live: one pair for all test classes of a JVM,
 * closed when the last is done. Each test has its own queues and topics.
 */
final class SharedBrokers implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedBrokers.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Brokers.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Brokers.class, type -> new Brokers(), Brokers.class);
  }
}
