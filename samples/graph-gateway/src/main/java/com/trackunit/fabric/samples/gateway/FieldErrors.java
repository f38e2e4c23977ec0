// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import graphql.GraphQLError;
import graphql.GraphqlErrorBuilder;
import graphql.execution.DataFetcherExceptionHandler;
import graphql.execution.DataFetcherExceptionHandlerParameters;
import graphql.execution.DataFetcherExceptionHandlerResult;
import graphql.schema.DataFetchingEnvironment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes a GraphQL error. Only a {@link FieldError} speaks to the
 * client; anything else is logged and answered with its correlation id alone.
 */
final class FieldErrors implements DataFetcherExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(FieldErrors.class);

  @Override
  public CompletableFuture<DataFetcherExceptionHandlerResult> handleException(
      DataFetcherExceptionHandlerParameters parameters) {
    Throwable failure = parameters.getException();
    if (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    DataFetchingEnvironment environment = parameters.getDataFetchingEnvironment();
    FieldError told =
        failure instanceof FieldError error ? error : unexpected(failure, environment);
    GraphQLError error =
        GraphqlErrorBuilder.newError(environment)
            .message("%s", told.getMessage())
            .extensions(told.extensions())
            .build();
    return CompletableFuture.completedFuture(
        DataFetcherExceptionHandlerResult.newResult(error).build());
  }

  private static FieldError unexpected(Throwable failure, DataFetchingEnvironment environment) {
    CallContext call = GraphqlSchema.call(environment);
    log.error(
        "field {} failed unexpectedly, correlation {}",
        environment.getField().getName(),
        call.correlation(),
        failure);
    return new FieldError(
        "INTERNAL", "an internal error; its correlation id is " + call.correlation(), false);
  }
}
