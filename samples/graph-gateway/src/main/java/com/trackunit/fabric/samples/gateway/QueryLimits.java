// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import graphql.language.Definition;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How much one document may ask for. It is measured on the syntax, with fragments counted as often
 * as they are spread, before any work that grows with them: validation included. A fragment that
 * spreads itself runs into the limit.
 *
 * @param depth the deepest field
 * @param fields how many fields and fragments, over all operations of the document
 */
record QueryLimits(int depth, int fields) {
  /** What clients need, with room to spare. */
  static final QueryLimits CLIENTS = new QueryLimits(10, 200);

  /** Wide enough for the introspection query of the common tools. */
  static final QueryLimits INTROSPECTION = new QueryLimits(20, 2000);

  /**
   * Measures every operation.
   *
   * @return the names of the fields that {@code operation} selects at its root
   * @throws Refusal 400 past a limit
   */
  Set<String> check(Document document, OperationDefinition operation) {
    Measure measure = new Measure(fragments(document));
    Set<String> roots = Set.of();
    for (Definition<?> definition : document.getDefinitions()) {
      if (definition instanceof OperationDefinition other) {
        measure.roots.clear();
        measure.walk(other.getSelectionSet(), 1);
        if (other == operation) {
          roots = Set.copyOf(measure.roots);
        }
      }
    }
    return roots;
  }

  private static Map<String, FragmentDefinition> fragments(Document document) {
    return document.getDefinitionsOfType(FragmentDefinition.class).stream()
        .collect(Collectors.toMap(FragmentDefinition::getName, fragment -> fragment, (a, b) -> a));
  }

  private final class Measure {
    private final Map<String, FragmentDefinition> fragments;
    private final Set<String> roots = new LinkedHashSet<>();
    private int count;

    Measure(Map<String, FragmentDefinition> fragments) {
      this.fragments = fragments;
    }

    void walk(@Nullable SelectionSet set, int level) {
      if (set == null) {
        return;
      }
      for (Selection<?> selection : set.getSelections()) {
        if (++count > fields) {
          throw tooMuch("more than " + fields + " fields");
        }
        if (selection instanceof Field field) {
          if (level > depth) {
            throw tooMuch("deeper than " + depth + " levels");
          }
          if (level == 1) {
            roots.add(field.getName());
          }
          walk(field.getSelectionSet(), level + 1);
        } else if (selection instanceof InlineFragment inline) {
          walk(inline.getSelectionSet(), level);
        } else if (selection instanceof FragmentSpread spread) {
          FragmentDefinition fragment = fragments.get(spread.getName());
          walk(fragment == null ? null : fragment.getSelectionSet(), level);
        }
      }
    }

    private Refusal tooMuch(String seen) {
      return Refusal.badDocument("the document asks for " + seen);
    }
  }
}
