// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static java.util.concurrent.CompletableFuture.completedFuture;

import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLError;
import graphql.ParseAndValidate;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.language.Document;
import graphql.language.OperationDefinition;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import graphql.schema.GraphQLSchema;
import graphql.validation.ValidationError;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One GraphQL request, in the three steps that both transports take: {@link #prepare}, {@link
 * #authorize}, {@link #execute}. Thread-safe.
 */
final class GraphqlEngine {
  /** The fields that need no token. */
  private static final Set<String> PUBLIC = Set.of("ping", "__typename");

  private static final ParserOptions PARSER_OPTIONS =
      ParserOptions.getDefaultOperationParserOptions()
          .transform(options -> options.maxTokens(5_000).redactTokenParserErrorMessages(true));

  private final GraphQLSchema schema;
  private final GraphQL graphql;
  private final QueryLimits limits;

  GraphqlEngine(GraphqlSchema schema, boolean introspection) {
    this.schema = schema.build();
    this.limits = introspection ? QueryLimits.INTROSPECTION : QueryLimits.CLIENTS;
    this.graphql =
        GraphQL.newGraphQL(this.schema)
            .defaultDataFetcherExceptionHandler(new FieldErrors())
            .preparsedDocumentProvider((input, parse) -> completedFuture(parsed(input)))
            .instrumentation(new IntrospectionGuard(introspection))
            .build();
  }

  /**
   * A request that has been read and found small enough.
   *
   * @param request as the client sent it
   * @param document its syntax
   * @param operation the one to run
   * @param roots the fields at its root
   */
  record Prepared(
      GraphqlRequest request, Document document, OperationDefinition operation, Set<String> roots) {
    boolean isMutation() {
      return operation.getOperation() == OperationDefinition.Operation.MUTATION;
    }

    boolean isSubscription() {
      return operation.getOperation() == OperationDefinition.Operation.SUBSCRIPTION;
    }

    boolean isPublic() {
      return PUBLIC.containsAll(roots);
    }
  }

  /**
   * Parses the document, finds the operation and measures it.
   *
   * @throws Refusal 400 about the document
   */
  Prepared prepare(GraphqlRequest request) {
    Document document = parse(request.query());
    OperationDefinition operation =
        operation(
            document.getDefinitionsOfType(OperationDefinition.class), request.operationName());
    return new Prepared(request, document, operation, limits.check(document, operation));
  }

  /**
   * Decides whether the caller may ask this, before anything is validated or executed.
   *
   * @throws Refusal 401 without a token, 403 with one that lacks the scope
   */
  void authorize(Prepared prepared, @Nullable Caller caller) {
    if (prepared.isPublic()) {
      return;
    }
    if (caller == null) {
      throw Refusal.noToken();
    }
    Refusal denial = caller.denial();
    if (denial != null) {
      throw denial;
    }
  }

  /**
   * Validates and runs.
   *
   * @return for a subscription, data is a publisher of execution results; a document that does not
   *     fit the schema ends in a result without data
   */
  CompletionStage<ExecutionResult> execute(Prepared prepared, CallContext call) {
    List<ValidationError> errors =
        ParseAndValidate.validate(schema, prepared.document(), Locale.ENGLISH);
    if (!errors.isEmpty()) {
      return completedFuture(
          ExecutionResult.newExecutionResult()
              .addErrors(List.<GraphQLError>copyOf(errors))
              .build());
    }
    GraphqlRequest request = prepared.request();
    ExecutionInput input =
        ExecutionInput.newExecutionInput(request.query())
            .operationName(request.operationName())
            .variables(request.variables())
            .extensions(request.extensions())
            .locale(Locale.ENGLISH)
            .graphQLContext(
                context -> context.of(CallContext.class, call, Document.class, prepared.document()))
            .build();
    return graphql.executeAsync(input);
  }

  /** What {@link #prepare} has parsed already. */
  private static PreparsedDocumentEntry parsed(ExecutionInput input) {
    return new PreparsedDocumentEntry(
        Objects.requireNonNull(input.getGraphQLContext().<Document>get(Document.class)));
  }

  private static Document parse(String query) {
    try {
      return Parser.parse(
          ParserEnvironment.newParserEnvironment()
              .document(query)
              .parserOptions(PARSER_OPTIONS)
              .locale(Locale.ENGLISH)
              .build());
    } catch (InvalidSyntaxException e) {
      throw Refusal.badDocument(String.valueOf(e.getMessage()));
    }
  }

  private static OperationDefinition operation(
      List<OperationDefinition> operations, @Nullable String name) {
    if (name == null || name.isEmpty()) {
      if (operations.size() != 1) {
        throw Refusal.badDocument(
            "the document holds "
                + operations.size()
                + " operations: send exactly one, or `operationName`");
      }
      return operations.get(0);
    }
    return operations.stream()
        .filter(operation -> name.equals(operation.getName()))
        .findFirst()
        .orElseThrow(() -> Refusal.badDocument("no operation has the name in `operationName`"));
  }
}
