// Reviews of products: a subgraph in JavaScript that joins the graph by one flag of the router. It keeps them in memory.
//
//   JWKS_URL   where the graph publishes its keys; PORT   where to listen

import { readFileSync } from 'node:fs'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLError } from 'graphql'
import gql from 'graphql-tag'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { PORT = '5001', JWKS_URL = 'http://127.0.0.1:4001/.well-known/jwks.json' } = process.env
const keys = createRemoteJWKSet(new URL(JWKS_URL))

// Who a token is of. This subgraph trusts nobody's word: it verifies the token itself, as our own subgraphs do.
async function verify(token) {
  try {
    const expected = { issuer: 'stockgraph', audience: 'stockgraph', typ: 'at+jwt', algorithms: ['EdDSA'] }
    return (await jwtVerify(token, keys, expected)).payload
  } catch {
    throw refusal('UNAUTHENTICATED', 'The token is not valid.')
  }
}

const refusal = (code, message) => new GraphQLError(message, { extensions: { code } })

const reviews = []
const ofProduct = (id) => reviews.filter((review) => review.product.id === id).reverse()

const resolvers = {
  Product: {
    __resolveReference: ({ id }) => ({ id }),
    reviews: ({ id }) => ofProduct(id),
  },
  Review: {
    __resolveReference: ({ id }) => reviews.find((review) => review.id === id) ?? null,
  },
  Mutation: {
    addReview(_, { input: { productId, stars, text } }, { caller }) {
      if (!caller?.sub.startsWith('user_')) throw refusal('UNAUTHENTICATED', 'Sign in first.')
      if (stars < 1 || stars > 5) throw refusal('BAD_USER_INPUT', '`stars` is from 1 to 5.')
      const review = { id: `review_${reviews.length + 1}`, product: { id: productId }, author: { id: caller.sub }, stars, text }
      reviews.push(review)
      return review
    },
  },
}

const typeDefs = gql(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'))
const server = new ApolloServer({ schema: buildSubgraphSchema([{ typeDefs, resolvers }]) })
const { url } = await startStandaloneServer(server, {
  listen: { port: Number(PORT), host: '127.0.0.1' },
  async context({ req }) {
    const { authorization = '', 'stockgraph-router-token': router } = req.headers
    const caller = authorization ? await verify(authorization.replace(/^Bearer /i, '')) : undefined
    // Entities and the schema are for the router alone.
    const scopes = router ? (await verify(router)).scope.split(' ') : []
    if (!scopes.includes('federation:read')) throw refusal('UNAUTHENTICATED', 'Ask the router.')
    return { caller }
  },
})
console.log(`Reviews are at ${url}`)
