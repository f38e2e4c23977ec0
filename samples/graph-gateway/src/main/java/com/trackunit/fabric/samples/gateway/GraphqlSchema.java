// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.samples.contracts.Wire;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** What each field of {@code schema.graphqls} does. */
final class GraphqlSchema {
  private final Supplier<Backend> backend;
  private final EventHub hub;

  /**
   * The fields over what does the work.
   *
   * @param backend throws a {@link FieldError} while it is not there yet
   * @param hub where subscriptions listen
   */
  GraphqlSchema(Supplier<Backend> backend, EventHub hub) {
    this.backend = backend;
    this.hub = hub;
  }

  GraphQLSchema build() {
    RuntimeWiring wiring =
        RuntimeWiring.newRuntimeWiring()
            .type("Query", type -> type.dataFetcher("ping", environment -> "pong"))
            .type(
                "Mutation",
                type ->
                    type.dataFetcher("startUpload", this::startUpload)
                        .dataFetcher("confirmUpload", this::confirmUpload)
                        .dataFetcher("requestAnalysis", this::requestAnalysis))
            .type(
                "Subscription",
                type ->
                    type.dataFetcher(
                            "onAnalysisStarted",
                            environment -> events(environment, Wire.Exchanges.ANALYSIS_STARTED))
                        .dataFetcher(
                            "onAnalysisCompleted",
                            environment -> events(environment, Wire.Exchanges.ANALYSIS_COMPLETED)))
            .build();
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(GraphqlSchema.class.getResourceAsStream("/schema.graphqls")),
            StandardCharsets.UTF_8)) {
      return new SchemaGenerator().makeExecutableSchema(new SchemaParser().parse(reader), wiring);
    } catch (IOException e) {
      throw new UncheckedIOException("schema.graphqls cannot be read", e);
    }
  }

  private CompletionStage<Map<String, Object>> startUpload(DataFetchingEnvironment environment) {
    CallContext call = call(environment);
    return backend
        .get()
        .startUpload(call, text(environment, "filename"), text(environment, "contentType"))
        .thenApply(
            upload ->
                Map.of("correlationId", call.correlation().value(), "imageUploadPayload", upload));
  }

  private CompletionStage<Map<String, Object>> confirmUpload(DataFetchingEnvironment environment) {
    int bytes = Objects.requireNonNull(environment.<Integer>getArgument("bytes"));
    return backend
        .get()
        .confirmUpload(
            call(environment), text(environment, "uploadId"), bytes, text(environment, "checksum"))
        .thenApply(status -> Map.of("status", status));
  }

  private CompletionStage<Map<String, Object>> requestAnalysis(
      DataFetchingEnvironment environment) {
    Map<String, Object> input = Objects.requireNonNull(environment.getArgument("input"));
    return backend
        .get()
        .requestAnalysis(call(environment), String.valueOf(input.get("objectKey")))
        .thenApply(id -> Map.of("correlationId", id.value()));
  }

  private Publisher<Record> events(DataFetchingEnvironment environment, String exchange) {
    Predicate<AnalysisEvent> wanted =
        event ->
            event.exchange().equals(exchange)
                && fits(environment.getArgument("objectKey"), event.objectKey())
                && fits(environment.getArgument("correlationId"), event.correlationId());
    return hub.events(call(environment).owner(), wanted);
  }

  private static boolean fits(@Nullable String asked, @Nullable String told) {
    return asked == null || asked.equals(told);
  }

  private static String text(DataFetchingEnvironment environment, String argument) {
    return Objects.requireNonNull(environment.<String>getArgument(argument));
  }

  /** Who asks for a field. */
  static CallContext call(DataFetchingEnvironment environment) {
    return Objects.requireNonNull(
        environment.getGraphQlContext().<CallContext>get(CallContext.class));
  }
}
