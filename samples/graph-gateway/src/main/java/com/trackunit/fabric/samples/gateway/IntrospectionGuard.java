// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationFieldFetchParameters;
import graphql.schema.DataFetcher;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the schema to itself: where introspection is off, {@code __schema} is an error and {@code
 * __type} knows no type, as the specification has it for a name that does not exist. (Refusing
 * {@code __type} too would fail audits of GraphQL over HTTP, which use it to test variables.)
 */
final class IntrospectionGuard extends SimplePerformantInstrumentation {
  private final boolean isOpen;

  IntrospectionGuard(boolean isOpen) {
    this.isOpen = isOpen;
  }

  @Override
  public DataFetcher<?> instrumentDataFetcher(
      DataFetcher<?> fetcher,
      InstrumentationFieldFetchParameters parameters,
      @Nullable InstrumentationState state) {
    if (isOpen) {
      return fetcher;
    }
    return switch (parameters.getEnvironment().getFieldDefinition().getName()) {
      case "__type" -> environment -> null;
      case "__schema" ->
          environment -> {
            throw new FieldError("INTROSPECTION_OFF", "introspection is off", false);
          };
      default -> fetcher;
    };
  }
}
